// The Node.js runtime client: fetches events from the Runtime API and calls the handler
// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). It runs before every cold start,
// so it is plain JavaScript and loads two built-in modules.
import { Agent, request } from "node:http";
import { enableCompileCache, flushCompileCache } from "node:module";

const { _HANDLER, LAMBDA_TASK_ROOT, AWS_LAMBDA_RUNTIME_API, AWS_EXECUTION_ENV = "" } = process.env;
const [hostname, port] = (AWS_LAMBDA_RUNTIME_API ?? "").split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
/** The id of the request that log lines belong to. */
let currentRequestId = "";
let currentInvocation;

if (process.argv[2]) enableCompileCache(process.argv[2]);
patchConsole();

function call(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        hostname,
        port,
        method,
        path: `/2018-06-01/runtime/${path}`,
        headers: body === undefined ? headers : { ...headers, "content-length": body.length },
      },
      (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ headers: response.headers, body: Buffer.concat(chunks) }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The form in which Lambda reports what was thrown. */
function describe(thrown) {
  if (thrown instanceof Error || typeof thrown?.stack === "string") {
    return {
      errorType: thrown.name ?? "Error",
      errorMessage: thrown.message ?? "",
      trace: String(thrown.stack ?? "").split("\n"),
    };
  }
  return {
    errorType: thrown === null ? "null" : typeof thrown,
    errorMessage: String(thrown),
    trace: [],
  };
}

class RuntimeError extends Error {
  constructor(type, message) {
    super(message);
    this.name = `Runtime.${type}`;
  }
}

async function reportError(path, thrown, title) {
  const described = describe(thrown);
  const shown = { ...described, stack: described.trace, trace: undefined };
  write(process.stderr, "ERROR", `${title} \t${JSON.stringify(shown)}`);
  await call("POST", path, Buffer.from(JSON.stringify(described)), {
    "content-type": "application/json",
    "lambda-runtime-function-error-type": described.errorType,
  });
}

function write(stream, level, text) {
  const line = text.replaceAll("\n", "\r");
  stream.write(
    `${new Date().toISOString()}\t${currentRequestId || "undefined"}\t${level}\t${line}\n`,
  );
}

/** Lines of the console carry time, request id and level, as on Lambda. */
function patchConsole() {
  let format;
  const at =
    (stream, level) =>
    (...values) => {
      // Most functions never log an object; the formatter is loaded by the first that does.
      if (values.length === 1 && typeof values[0] === "string")
        return write(stream, level, values[0]);
      format ??= process.getBuiltinModule("node:util").format;
      return write(stream, level, format(...values));
    };
  console.log = at(process.stdout, "INFO");
  console.info = at(process.stdout, "INFO");
  console.debug = at(process.stdout, "DEBUG");
  console.trace = at(process.stderr, "TRACE");
  console.warn = at(process.stderr, "WARN");
  console.error = at(process.stderr, "ERROR");
}

async function loadHandler() {
  const { existsSync } = process.getBuiltinModule("node:fs");
  const { resolve } = process.getBuiltinModule("node:path");
  const { pathToFileURL } = process.getBuiltinModule("node:url");
  const parts = /^(?<file>(?:.*\/)?[^./][^/]*?)\.(?<name>[^/.]+(?:\.[^/.]+)*)$/.exec(
    _HANDLER ?? "",
  );
  if (!parts) throw new RuntimeError("MalformedHandlerName", `Bad handler ${_HANDLER}`);
  const { file, name } = parts.groups;
  const base = resolve(LAMBDA_TASK_ROOT, file);
  const found = ["", ".js", ".mjs", ".cjs"].map((end) => base + end).find(isFile);
  if (!found) {
    throw new RuntimeError(
      "ImportModuleError",
      `Error: Cannot find module '${file}' in the code of the function`,
    );
  }
  const module = await importModule(pathToFileURL(found).href);
  const handler = member(module, name) ?? member(module.default, name);
  if (handler === undefined) {
    throw new RuntimeError("HandlerNotFound", `${_HANDLER} is undefined or not exported`);
  }
  if (typeof handler !== "function") {
    throw new RuntimeError("HandlerNotFound", `${_HANDLER} is not a function`);
  }
  if (handler.length >= 3 && AWS_EXECUTION_ENV.endsWith("nodejs24.x")) {
    throw new RuntimeError(
      "CallbackHandlerDeprecated",
      "nodejs24.x calls no handler with a callback: make the handler an async function",
    );
  }
  return handler;

  function isFile(path) {
    return existsSync(path) && process.getBuiltinModule("node:fs").statSync(path).isFile();
  }
  function member(from, path) {
    return path.split(".").reduce((value, key) => value?.[key], from);
  }
}

async function importModule(url) {
  try {
    return await import(url);
  } catch (error) {
    if (error?.code === "ERR_MODULE_NOT_FOUND" || error?.code === "MODULE_NOT_FOUND") {
      throw Object.assign(new RuntimeError("ImportModuleError", `Error: ${error.message}`), {
        stack: error.stack,
      });
    }
    if (error instanceof SyntaxError) {
      throw Object.assign(
        new RuntimeError("UserCodeSyntaxError", `SyntaxError: ${error.message}`),
        {
          stack: error.stack,
        },
      );
    }
    throw error;
  }
}

function makeContext(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const decoded = headers["lambda-runtime-client-context"];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    clientContext: decoded ? JSON.parse(decoded) : undefined,
    identity: undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

/** Resolves with what the handler returned or gave to its callback. */
function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    const whenEmpty = (settle) => {
      if (!context.callbackWaitsForEmptyEventLoop) return settle();
      onEmptyLoop = settle;
    };
    const callback = (error, value) =>
      whenEmpty(() => (error === null || error === undefined ? resolve(value) : reject(error)));
    const wantsCallback = handler.length >= 3;
    onEmptyLoop = wantsCallback
      ? () => resolve(null)
      : () =>
          reject(
            new RuntimeError(
              "NodeJsExit",
              "The function ran out of work before the promise of its handler was settled",
            ),
          );
    const returned = handler(event, context, callback);
    if (typeof returned?.then === "function") returned.then(resolve, reject);
    else if (!wantsCallback) resolve(returned);
  });
}

let onEmptyLoop;
process.on("beforeExit", () => {
  const settle = onEmptyLoop;
  onEmptyLoop = undefined;
  settle?.();
});

async function fatal(thrown, code) {
  try {
    const path = currentInvocation ? `invocation/${currentInvocation}/error` : "init/error";
    await reportError(path, thrown, "Uncaught Exception");
  } finally {
    process.exit(code);
  }
}

process.on("uncaughtException", (error) => void fatal(error, 129));
process.on("unhandledRejection", (reason) => {
  const { errorType, errorMessage, trace } = describe(reason);
  const error = new RuntimeError("UnhandledPromiseRejection", `${errorType}: ${errorMessage}`);
  error.stack = trace.join("\n");
  void fatal(error, 128);
});

async function main() {
  let handler;
  try {
    handler = await loadHandler();
  } catch (error) {
    await reportError("init/error", error, "Init Error");
    process.exit(1);
  }
  for (let count = 0; ; count += 1) {
    const next = call("GET", "invocation/next");
    // An environment ends by a signal, which would lose what was compiled: keep it now, off the way.
    if (count === 1) setImmediate(flushCompileCache);
    const { headers, body } = await next;
    const id = headers["lambda-runtime-aws-request-id"];
    currentRequestId = id;
    currentInvocation = id;
    process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"] ?? "";
    try {
      const result = await run(handler, JSON.parse(body.toString("utf8")), makeContext(headers));
      onEmptyLoop = undefined;
      const answer = Buffer.from(JSON.stringify(result) ?? "null");
      currentInvocation = undefined;
      await call("POST", `invocation/${id}/response`, answer, {
        "content-type": "application/json",
      });
    } catch (error) {
      onEmptyLoop = undefined;
      currentInvocation = undefined;
      await reportError(`invocation/${id}/error`, error, "Invoke Error");
    }
  }
}

await main();
