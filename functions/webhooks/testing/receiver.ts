import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers one request, or leaves it hanging. `nth` counts the requests of a path, from 1. */
export type Behaviour = (response: ServerResponse, received: Received, nth: number) => void;

/** A receiver of webhooks on loopback, as anybody would write one. */
export class TestReceiver implements AsyncDisposable {
  readonly received: Received[] = [];
  behaviour: Behaviour = (response) => response.writeHead(204).end();
  #server: Server | undefined;
  #port = 0;
  #wake: (() => void)[] = [];

  static async listening(): Promise<TestReceiver> {
    const receiver = new TestReceiver();
    await receiver.listen();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  at(path: string): Received[] {
    return this.received.filter((each) => each.path === path);
  }

  /** Listens, again at the same port after it went away. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const path = request.url ?? "";
        const body = Buffer.concat(chunks).toString();
        const received = { path, headers: request.headers, body };
        this.received.push(received);
        this.behaviour(response, received, this.at(path).length);
        this.#notify();
      });
    });
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Is away: connections are refused. */
  async goAway(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** Resolves once this many requests came to a path. */
  async heard(path: string, count: number): Promise<Received[]> {
    while (this.at(path).length < count) {
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    return this.at(path);
  }

  #notify(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.goAway();
  }
}
