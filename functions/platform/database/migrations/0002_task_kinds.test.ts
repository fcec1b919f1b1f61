import { randomUUID } from "node:crypto";
import { taskKinds } from "@sluice/contracts";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmptyDatabase, type TestDatabase } from "../../testing/database.ts";
import { migrate } from "../migrator.ts";
import { tasks, videos } from "../schema.ts";
import { migrations } from "./index.ts";

describe("the migration of task kinds", () => {
  let started: TestDatabase;

  beforeAll(async () => {
    started = await startEmptyDatabase();
  });
  afterAll(() => started[Symbol.asyncDispose]());

  it("renames what is planned already, and lets in the kinds of the contract alone", async () => {
    // Prepare: a database of the first version, with a plan half done.
    const { database } = started;
    const videoId = randomUUID();
    await migrate(database, migrations.slice(0, 1));
    await database.execute(sql`
      INSERT INTO videos (video_id, owner, title, file_name, status, source_bytes, correlation_id)
      VALUES (${videoId}::uuid, 'owner', 'Film', 'film.mp4', 'transcoding', 1, 'correlation')`);
    const add = (taskId: string, kind: string, spec: object) =>
      database.execute(sql`
        INSERT INTO tasks (task_id, video_id, kind, ticket, spec)
        VALUES (${taskId}, ${videoId}::uuid, ${kind}, ${randomUUID()}::uuid,
                ${JSON.stringify(spec)}::jsonb)`);
    await add("chunk", "video", { kind: "video", chunk: 3 });
    await add("sound", "audio", { kind: "audio" });

    // Act
    await migrate(database, migrations);

    // Assess
    const rows = await database.select({ kind: tasks.kind, spec: tasks.spec }).from(tasks);
    expect(rows).toEqual(
      expect.arrayContaining([
        { kind: "transcode", spec: { kind: "transcode", chunk: 3 } },
        { kind: "audio", spec: { kind: "audio" } },
      ]),
    );
    for (const kind of taskKinds) await add(`new ${kind}`, kind, { kind });
    await expect(add("old", "video", { kind: "video", chunk: 4 })).rejects.toThrow();
    await database.delete(videos);
  });
});
