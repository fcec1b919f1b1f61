import type { State } from "./state.ts";

/** One value that belongs to the data directory as a whole. */
export function readSetting(state: State, name: string): string | undefined {
  const row = state.database.prepare("SELECT value FROM cloud_settings WHERE name = ?").get(name);
  return row ? String(row.value) : undefined;
}

export function writeSetting(state: State, name: string, value: string): void {
  state.database
    .prepare(
      "INSERT INTO cloud_settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .run(name, value);
}
