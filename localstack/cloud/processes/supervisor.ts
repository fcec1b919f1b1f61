import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { Log, ProcessSupervisor, SupervisedProcess } from "../context.ts";
import { writeGroupJournal } from "./group-journal.ts";
import { Guard } from "./guard.ts";
import { endLeftovers } from "./leftovers.ts";
import { startMark } from "./process-table.ts";
import { killGroup } from "./signals.ts";

export interface OwnedSupervisor extends ProcessSupervisor {
  /** Of the guard, once a child was started; for tests. */
  readonly guardPid: number | undefined;
  /** Ends every group that is still there. */
  close(): Promise<void>;
}

const MARK_NAME = "SUPERVISED_RUN";

/**
 * Starts child processes that cannot outlive this one. Three nets, each for when the one before
 * tears: `close`; the guard, when this process is killed; the journal, when the guard is killed too.
 */
export async function openSupervisor(dataDir: string, log: Log): Promise<OwnedSupervisor> {
  await endLeftovers(dataDir, log);

  const run = randomUUID();
  const mark = `${MARK_NAME}=${run}`;
  const guard = new Guard(mark);
  const groups = new Map<number, string | undefined>();
  const running = new Set<SupervisedProcess>();
  let closed = false;

  const record = () => {
    try {
      writeGroupJournal(dataDir, {
        mark,
        groups: [...groups].map(([groupId, started]) => ({
          groupId,
          ...(started === undefined ? {} : { startMark: started }),
        })),
      });
    } catch (error) {
      // A full disk tears the last net, which is no reason to let go of what the others hold.
      log("warn", "The list of child processes could not be kept", { error: String(error) });
    }
  };
  record();

  return {
    get guardPid() {
      return guard.pid;
    },

    spawn(command, args, options = {}) {
      if (closed) throw new Error("The supervisor is closed.");
      guard.ensureStarted();
      const child = spawn(command, args, {
        ...options,
        env: { ...(options.env ?? process.env), [MARK_NAME]: run },
        detached: true,
      });
      const groupId = child.pid;
      if (groupId !== undefined) {
        guard.watch(groupId);
        groups.set(groupId, undefined);
        record();
        void startMark(groupId).then((started) => {
          if (closed || started === undefined || !groups.has(groupId)) return;
          groups.set(groupId, started);
          record();
        });
      }

      const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(
        (resolve) => {
          // `error` without a process id means that it never started: nobody will send `exit`.
          child.on("error", () => {
            if (groupId === undefined) resolve({ code: null, signal: null });
          });
          child.once("exit", (code, signal) => resolve({ code, signal }));
        },
      );
      const supervised: SupervisedProcess = {
        child,
        killGroup: (signal) => {
          if (groupId !== undefined && groups.has(groupId)) killGroup(groupId, signal);
        },
        exited,
      };
      running.add(supervised);
      void exited.then(() => {
        running.delete(supervised);
        if (groupId === undefined) return;
        // What the child started and did not wait for ends with it.
        killGroup(groupId, "SIGKILL");
        groups.delete(groupId);
        guard.forget(groupId);
        if (!closed) record();
      });
      return supervised;
    },

    async close() {
      closed = true;
      for (const supervised of running) supervised.killGroup("SIGKILL");
      await Promise.all([...running].map((supervised) => supervised.exited));
      await guard.close();
      groups.clear();
      record();
    },
  };
}
