import { memorySweepStore } from "./memory-sweep-store.ts";
import { describeSweepStore } from "./sweep-store-contract.ts";

const harness = memorySweepStore();
describeSweepStore("memory", () => harness);
