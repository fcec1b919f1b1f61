import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import type { ClusterRegistry } from "./clusters.ts";
import { fromDatabase, invalidRequest } from "./errors.ts";
import {
  batchExecuteStatementRequest,
  beginTransactionRequest,
  endTransactionRequest,
  executeStatementRequest,
} from "./requests.ts";
import type { JsonObject } from "./result/fields.ts";
import { executeStatementResponse } from "./result/response.ts";
import { type Login, releaseClean, type Session, type Sessions } from "./sessions.ts";
import { type BoundStatement, bindParameters } from "./sql/bind.ts";
import { maxResponseBytes, run } from "./sql/run.ts";
import type { Transactions } from "./transactions.ts";

/** "The JSON … can be up to 10 MB" (ExecuteStatement, formatRecordsAs). */
const maxFormattedBytes = 10 * 1024 * 1024;

export interface SecretReader {
  /** The secret's string. @throws AwsError when there is no such secret */
  read(secretArn: string): string;
}

export interface DataApiParts {
  readonly clusters: ClusterRegistry;
  readonly secrets: SecretReader;
  readonly sessions: () => Promise<Sessions>;
  readonly transactions: Transactions;
}

/** The operations of the RDS Data API, by the path of their request. */
export type Operation = (body: unknown) => Promise<JsonObject>;

export function dataApiOperations(parts: DataApiParts): ReadonlyMap<string, Operation> {
  const { clusters, secrets, transactions } = parts;

  /** @throws AwsError when the cluster or the secret cannot be used */
  const authorize = (target: Target): Login => {
    const cluster = clusters.find(target.resourceArn);
    if (!cluster)
      throw new AwsError("DatabaseNotFoundException", "The DB cluster was not found", 404);
    if (!cluster.httpEndpoint)
      throw new AwsError(
        "HttpEndpointNotEnabledException",
        `HttpEndpoint is not enabled for cluster ${cluster.identifier}`,
      );
    if (target.schema !== undefined)
      throw new AwsError("ValidationException", "The schema parameter isn't supported.");
    return {
      ...credentials(secrets, target.secretArn),
      database: target.database ?? cluster.databaseName,
    };
  };

  /** Runs `work` in the given transaction, or in a session of its own. */
  const inSession = async <T>(
    target: Target & { transactionId?: string | undefined },
    continueAfterTimeout: boolean,
    work: (session: Session, note: (command: string) => void) => Promise<T>,
  ): Promise<T> => {
    const login = authorize(target);
    const sessions = await parts.sessions();
    if (target.transactionId !== undefined) {
      const { session, done } = transactions.take(target.transactionId, target.resourceArn);
      return sessions.work(session, { continueAfterTimeout, done }, () => work(session, () => {}));
    }
    const session = await sessions.open(login, "statement");
    let command: string | undefined;
    const done = () => void releaseClean(session, command);
    return sessions.work(session, { continueAfterTimeout, done }, () =>
      work(session, (ran) => {
        command = ran;
      }),
    );
  };

  const executeStatement: Operation = async (body) => {
    const request = parse(executeStatementRequest, body);
    const statement = bindParameters(request.sql, request.parameters);
    return translated(statement, () =>
      inSession(request, request.continueAfterTimeout, async (session, note) => {
        const result = await run(session.client, statement, {
          maxBytes: request.formatRecordsAs === "JSON" ? maxFormattedBytes : maxResponseBytes,
          cancel: session.cancel,
        });
        note(result.command);
        return executeStatementResponse(request, result, session.client, session.catalog);
      }),
    );
  };

  const batchExecuteStatement: Operation = async (body) => {
    const request = parse(batchExecuteStatementRequest, body);
    const sets = request.parameterSets.length > 0 ? request.parameterSets : [[]];
    const statements = sets.map((parameters) => bindParameters(request.sql, parameters));
    const [first] = statements;
    if (!first) throw new Error("a batch has at least one statement");
    const own = request.transactionId === undefined;
    return translated(first, () =>
      inSession(request, false, async (session) => {
        if (own) await session.client.query("BEGIN");
        for (const statement of statements)
          await run(session.client, statement, {
            maxBytes: maxResponseBytes,
            cancel: session.cancel,
          });
        if (own) await session.client.query("COMMIT");
        return { updateResults: statements.map(() => ({ generatedFields: [] })) };
      }),
    );
  };

  const beginTransaction: Operation = async (body) => {
    const request = parse(beginTransactionRequest, body);
    const login = authorize(request);
    return translated(unchanged, async () => {
      const session = await (await parts.sessions()).open(login, "transaction");
      return { transactionId: await transactions.begin(session, request.resourceArn) };
    });
  };

  const endTransaction =
    (end: "commit" | "rollback"): Operation =>
    async (body) => {
      const request = parse(endTransactionRequest, body);
      authorize(request);
      return translated(unchanged, async () => ({
        transactionStatus: await transactions[end](request.transactionId, request.resourceArn),
      }));
    };

  return new Map([
    ["/Execute", executeStatement],
    ["/BatchExecute", batchExecuteStatement],
    ["/BeginTransaction", beginTransaction],
    ["/CommitTransaction", endTransaction("commit")],
    ["/RollbackTransaction", endTransaction("rollback")],
  ]);
}

interface Target {
  readonly resourceArn: string;
  readonly secretArn: string;
  readonly database?: string | undefined;
  readonly schema?: string | undefined;
}

/** The members that AWS asks of a database's secret; it may hold others (engine, host, …). */
const secretSchema = z.looseObject({ username: z.string(), password: z.string() });

function credentials(secrets: SecretReader, secretArn: string): { user: string; password: string } {
  let text: string;
  try {
    text = secrets.read(secretArn);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError("SecretsErrorException", "The secret was not found, or cannot be read");
  }
  try {
    const { username, password } = secretSchema.parse(JSON.parse(text));
    return { user: username, password };
  } catch {
    throw new AwsError(
      "InvalidSecretException",
      "The secret is not JSON with the members username and password",
    );
  }
}

const unchanged: Pick<BoundStatement, "positionInRequest"> = {
  positionInRequest: (position) => position,
};

/** What PostgreSQL says becomes what AWS says. */
async function translated<T>(
  statement: Pick<BoundStatement, "positionInRequest">,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fromDatabase(error, statement.positionInRequest);
  }
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (!result.success) throw invalidRequest(result.error);
  return result.data;
}
