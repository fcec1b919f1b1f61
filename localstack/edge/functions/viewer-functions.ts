import { STATUS_CODES } from "node:http";
import type { z } from "zod";
import type { Behavior } from "../distribution.ts";
import type { Headers } from "../headers.ts";
import type { Distribution, Registry } from "../registry.ts";
import type { Viewer } from "../viewer-request.ts";
import { FunctionValidationError } from "./function-errors.ts";
import {
  bodyOf,
  type FunctionEvent,
  type FunctionResponse,
  isResponse,
  requestOrResponseSchema,
  responseSchema,
} from "./function-event.ts";
import type { FunctionEventType } from "./function-schema.ts";
import { toFunctionRequest, withFunctionRequest } from "./request-event.ts";
import { headersOf, toFunctionResponse } from "./response-event.ts";
import type { ViewerFunction } from "./viewer-function.ts";

export interface FunctionAnswer {
  readonly status: number;
  readonly statusText: string | undefined;
  readonly headers: Headers;
  /** Undefined: as it was; a response that a viewer-request function made has none then. */
  readonly body: Buffer | undefined;
}

/** Runs the functions of a behavior, before its cache is asked and before its answer is sent. */
export class ViewerFunctions {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /**
   * The request to go on with, or the answer to give at once.
   * @throws FunctionExecutionError
   * @throws FunctionValidationError
   */
  onRequest(
    distribution: Distribution,
    behavior: Behavior,
    viewer: Viewer,
  ): Viewer | FunctionAnswer {
    const found = this.#find(behavior, "viewer-request");
    if (!found) return viewer;
    const event = eventOf(distribution, viewer, "viewer-request");
    const said = found.run(event, viewer.raw.query);
    // The usual case, and cheap: the request goes on as it came, whatever is in it.
    if (JSON.stringify(said) === JSON.stringify(event.request)) return viewer;
    const answer = parse(requestOrResponseSchema, said, found);
    if (isResponse(answer)) return toAnswer(answer, new Map());
    const { DefaultRootObject } = distribution.config;
    return withFunctionRequest(viewer, event.request, answer, DefaultRootObject);
  }

  /** What changes an answer before it is sent; undefined when nothing does. */
  onResponse(
    distribution: Distribution,
    behavior: Behavior,
    viewer: Viewer,
  ): ((status: number, headers: Headers) => FunctionAnswer) | undefined {
    const found = this.#find(behavior, "viewer-response");
    if (!found) return undefined;
    return (status, headers) => {
      const event: FunctionEvent = {
        ...eventOf(distribution, viewer, "viewer-response"),
        response: toFunctionResponse(status, STATUS_CODES[status] ?? "", headers),
      };
      const answer = parse(responseSchema, found.run(event, viewer.raw.query), found);
      return toAnswer(answer, headers);
    };
  }

  #find(behavior: Behavior, eventType: FunctionEventType): ViewerFunction | undefined {
    const association = behavior.FunctionAssociations?.find((each) => each.EventType === eventType);
    if (!association) return undefined;
    const found = this.#registry.functions.get(association.FunctionARN);
    if (!found) throw new Error(`Behavior without its function: ${association.FunctionARN}`);
    return found;
  }
}

function eventOf(
  distribution: Distribution,
  viewer: Viewer,
  eventType: FunctionEventType,
): FunctionEvent {
  return {
    version: "1.0",
    context: {
      distributionDomainName: distribution.domainName,
      distributionId: distribution.id,
      eventType,
      requestId: viewer.id,
    },
    viewer: { ip: viewer.sourceIp },
    request: toFunctionRequest(viewer),
  };
}

function parse<T>(schema: z.ZodType<T>, answer: unknown, { name }: ViewerFunction): T {
  const { data, error } = schema.safeParse(answer);
  if (error) {
    throw new FunctionValidationError(`${name} answered something else: ${error.message}`);
  }
  return data;
}

function toAnswer(response: FunctionResponse, before: Headers): FunctionAnswer {
  return {
    status: response.statusCode,
    statusText: response.statusDescription,
    headers: headersOf(response, before),
    body: bodyOf(response),
  };
}
