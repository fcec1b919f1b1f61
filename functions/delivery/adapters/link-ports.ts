import { z } from "zod";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../../platform/database/data-api-database.ts";
import type { Database } from "../../platform/database/database.ts";
import { readEnvironment } from "../../platform/environment.ts";
import { DomainError } from "../../platform/errors.ts";
import { createKeyValueStoreClient } from "../../platform/key-value-store.ts";
import { linkSignerOf } from "../../platform/signing/link-signer.ts";
import type { LinkPorts } from "../domain/playback-links.ts";
import type { PublicPorts, VisibilityPorts } from "../domain/public-link.ts";
import type { RevocationPorts } from "../domain/revoke-links.ts";
import type { LinkSigner, VideoStates } from "../ports.ts";
import { keyValueRevocationList } from "./key-value-revocation-list.ts";
import {
  postgresLinkStore,
  postgresPublications,
  postgresRevocationLedger,
} from "./postgres-link-store.ts";
import { postgresVideoStates } from "./postgres-video-states.ts";

/** For the functions that make and show links. */
export const linkPortsFromEnvironment = (): LinkPorts => {
  const database = openDatabase(databaseLocation(readEnvironment(databaseEnvironment)));
  return {
    videos: postgresVideoStates(database),
    links: postgresLinkStore(database),
    signer: signerFromEnvironment(),
  };
};

/** For the functions that anybody may call. */
export const publicPortsFromEnvironment = (): PublicPorts => {
  const database = openDatabase(databaseLocation(readEnvironment(databaseEnvironment)));
  return { publications: postgresPublications(database), signer: signerFromEnvironment() };
};

/** For the functions that revoke. */
export const revocationPortsFromEnvironment = (
  database: Database = openDatabase(databaseLocation(readEnvironment(databaseEnvironment))),
): RevocationPorts & VisibilityPorts & { readonly videos: VideoStates } => {
  const { LINK_STORE_ARN: arn } = readEnvironment({ LINK_STORE_ARN: optional });
  const publications = postgresPublications(database);
  const refuse = () => Promise.reject(unavailable());
  return {
    videos: postgresVideoStates(database),
    links: postgresLinkStore(database),
    ledger: postgresRevocationLedger(database),
    ...(arn === undefined
      ? {
          publications: { ...publications, publish: refuse },
          list: { add: refuse, remove: refuse },
        }
      : { publications, list: keyValueRevocationList(createKeyValueStoreClient(), arn) }),
  };
};

/** Absent where no edge runs functions (target `localstack`). */
const optional = z.string().min(1).optional();

const unavailable = () =>
  new DomainError(
    "sharing-unavailable",
    "This deployment has no edge that checks links, so videos are for their owners alone.",
  );

function signerFromEnvironment(): LinkSigner {
  const { LINK_KEY_SECRET_ARN: arn } = readEnvironment({ LINK_KEY_SECRET_ARN: optional });
  return arn === undefined ? { folder: () => Promise.reject(unavailable()) } : linkSignerOf(arn);
}
