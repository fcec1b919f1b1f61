import { AwsError, StartError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import type { ResourceContext, ResourceProvider, ResourceState } from "../resource-provider.ts";
import type { Assembly, AssemblyStack } from "./assembly.ts";
import { orderResources } from "./dependencies.ts";
import { resolveDynamicReferences, type SecretReference } from "./dynamic-references.ts";
import { EvaluationError, evaluate, type Scope } from "./evaluate.ts";
import { generatedName } from "./names.ts";
import { resolveParameters } from "./parameters.ts";
import { checkProperties } from "./properties.ts";
import { stackScope } from "./stack-scope.ts";
import { openStackStore, type StackOutput, type StackStore } from "./store.ts";
import type { Template, TemplateResource } from "./template.ts";

export interface ReconcileOptions {
  readonly context: Pick<CloudContext, "accountId" | "region" | "database" | "transaction" | "log">;
  readonly assembly: Assembly;
  /** Which stacks of the assembly; all when absent. */
  readonly stacks?: readonly string[];
  /** By stack, then by parameter. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly providers: ReadonlyMap<string, ResourceProvider>;
  /** Types of `providers` that do nothing here. */
  readonly inertTypes: ReadonlySet<string>;
  readSecret(reference: SecretReference): string;
}

export interface ReconcileResult {
  /** By stack, then by the output's logical id. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly inert: readonly InertFinding[];
}

/** Something in a template that was accepted and has no effect here. */
export interface InertFinding {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  /** Paths of the inert properties; absent when the whole resource is inert. */
  readonly properties?: readonly string[];
}

/**
 * Makes what stands equal to what the stacks say: each resource is put after those it refers to, and
 * what left the templates is deleted afterwards, last made first. Doing it again changes nothing;
 * after an interruption, doing it again finishes it.
 *
 * @throws StartError a sentence that names stack, logical id and type
 */
export async function reconcile(options: ReconcileOptions): Promise<ReconcileResult> {
  const stacks = selectStacks(options);
  // Before anything is touched: a wrong parameter or an unknown type changes nothing.
  const prepared = stacks.map((stack) => {
    checkTypes(stack, options.providers);
    const given = { ...stack.parameters, ...options.parameters[stack.name] };
    return {
      stack,
      order: orderResources(stack.name, stack.template.Resources),
      parameters: resolveParameters(stack.name, stack.template.Parameters, given),
    };
  });

  const store = openStackStore(options.context);
  const outputs: Record<string, Record<string, string>> = {};
  const inert: InertFinding[] = [];
  for (const { stack, order, parameters } of prepared) {
    const resources = new Map<string, ResourceState>();
    const scope = stackScope({
      accountId: options.context.accountId,
      region: options.context.region,
      stackName: stack.name,
      template: stack.template,
      parameters,
      resources,
      exportedValue: store.exportedValue,
    });

    const wanted = order.filter((id) => isWanted(stack, id, scope));
    for (const logicalId of wanted) {
      const resource = stack.template.Resources[logicalId];
      if (!resource) continue;
      const put = await putResource(options, store, stack, logicalId, resource, scope);
      resources.set(logicalId, put.state);
      if (put.inert) inert.push(put.inert);
    }

    const found = evaluateOutputs(stack, scope);
    store.saveOutputs(stack.name, found);
    outputs[stack.name] = Object.fromEntries(found.map(({ name, value }) => [name, value]));
    for (const kept of store.forgetAbsent(stack.name, new Set(wanted))) {
      options.context.log("info", "left the template and is kept, as its deletion policy says", {
        stack: kept.stackName,
        logicalId: kept.logicalId,
        physicalId: kept.physicalId,
      });
    }
  }
  await deleteObsolete(options, store);
  warnOfAbsentStacks(options, store);
  return { outputs, inert };
}

function selectStacks({ assembly, stacks, parameters }: ReconcileOptions): AssemblyStack[] {
  const names = assembly.stacks.map((stack) => stack.name);
  for (const name of [...(stacks ?? []), ...Object.keys(parameters)]) {
    if (names.includes(name)) continue;
    throw new StartError(
      "stack-unknown",
      `The assembly has no stack ${name}. It has: ${names.join(", ") || "none"}.`,
    );
  }
  return assembly.stacks.filter((stack) => !stacks || stacks.includes(stack.name));
}

function checkTypes(stack: AssemblyStack, providers: ReconcileOptions["providers"]): void {
  for (const [logicalId, { Type }] of Object.entries(stack.template.Resources)) {
    if (providers.has(Type)) continue;
    throw new StartError(
      "resource-type-unknown",
      `Stack ${stack.name}: ${logicalId} is of type ${Type}, which is not known here. ` +
        `Known: ${[...providers.keys()].sort().join(", ")}.`,
    );
  }
}

function isWanted(stack: AssemblyStack, logicalId: string, scope: Scope): boolean {
  const condition = stack.template.Resources[logicalId]?.Condition;
  if (condition === undefined) return true;
  return explained(`Stack ${stack.name}: ${logicalId}`, () => scope.condition(condition));
}

async function putResource(
  options: ReconcileOptions,
  store: StackStore,
  stack: AssemblyStack,
  logicalId: string,
  resource: TemplateResource,
  scope: Scope,
): Promise<{ state: ResourceState; inert?: InertFinding }> {
  const label = `Stack ${stack.name}: ${logicalId} (${resource.Type})`;
  const provider = providerOf(options, resource.Type, label);
  const checked = explained(label, () => {
    const evaluated = evaluate(resource.Properties, scope, "Properties") ?? {};
    return checkProperties(
      label,
      provider,
      resolveDynamicReferences(evaluated, options.readSecret, "Properties"),
    );
  });

  const before = store.find(stack.name, logicalId);
  const physicalId = before?.type === resource.Type ? before.physicalId : undefined;
  const context = resourceContext(options, stack.name, logicalId, physicalId, stack.assets);
  const state = await provider.put(checked.properties, context).catch((error: unknown) => {
    throw withLabel(label, error);
  });
  store.save(
    {
      ...state,
      stackName: stack.name,
      logicalId,
      type: resource.Type,
      keepOnDelete: keeps(resource.DeletionPolicy),
    },
    keeps(resource.UpdateReplacePolicy),
  );

  const where = { stackName: stack.name, logicalId, type: resource.Type };
  if (options.inertTypes.has(resource.Type)) return { state, inert: where };
  if (checked.inert.length === 0) return { state };
  return { state, inert: { ...where, properties: checked.inert } };
}

/** A snapshot cannot be taken here; keeping the data is what comes closest. */
function keeps(policy: TemplateResource["DeletionPolicy"]): boolean {
  return policy !== "Delete";
}

function providerOf({ providers }: ReconcileOptions, type: string, label: string) {
  const provider = providers.get(type);
  if (!provider) throw new StartError("resource-type-unknown", `${label}: the type is not known.`);
  return provider;
}

function resourceContext(
  { context }: ReconcileOptions,
  stackName: string,
  logicalId: string,
  physicalId: string | undefined,
  assets: AssemblyStack["assets"],
): ResourceContext {
  return {
    accountId: context.accountId,
    region: context.region,
    stackName,
    logicalId,
    ...(physicalId === undefined ? {} : { physicalId }),
    generatedName: (maxLength) => generatedName(stackName, logicalId, maxLength),
    assetPath(objectKey) {
      const path = assets.get(objectKey);
      if (path !== undefined) return path;
      throw new StartError(
        "asset-missing",
        `the asset ${objectKey} is not in the assembly. Run \`cdk synth\` again.`,
      );
    },
  };
}

function evaluateOutputs(stack: AssemblyStack, scope: Scope): StackOutput[] {
  const outputs: [string, Template["Outputs"][string]][] = Object.entries(stack.template.Outputs);
  return outputs.flatMap(([name, output]) =>
    explained(`Stack ${stack.name}: the output ${name}`, () => {
      if (output.Condition !== undefined && !scope.condition(output.Condition)) return [];
      const value = evaluate(output.Value, scope, "Value");
      if (value === undefined) return [];
      const exportName = output.Export && evaluate(output.Export.Name, scope, "Export.Name");
      return {
        name,
        value: typeof value === "string" ? value : JSON.stringify(value),
        ...(typeof exportName === "string" ? { exportName } : {}),
      };
    }),
  );
}

async function deleteObsolete(options: ReconcileOptions, store: StackStore): Promise<void> {
  const { log } = options.context;
  for (const obsolete of store.obsolete()) {
    const { stackName, logicalId, type, physicalId } = obsolete;
    const provider = options.providers.get(type);
    if (provider) {
      const context = resourceContext(options, stackName, logicalId, physicalId, new Map());
      await provider.delete(physicalId, context).catch((error: unknown) => {
        throw withLabel(`Stack ${stackName}: deleting ${logicalId} (${type})`, error);
      });
    } else {
      log("warn", "left the template, and its type is not known any more", { logicalId, type });
    }
    store.forgetObsolete(obsolete.id);
    log("info", "deleted, as it left the template", { stack: stackName, logicalId, physicalId });
  }
}

/** Like `cdk deploy`, which deletes no stack that left the app. */
function warnOfAbsentStacks({ context, assembly }: ReconcileOptions, store: StackStore): void {
  const present = new Set(assembly.stacks.map((stack) => stack.name));
  for (const stack of store.stackNames()) {
    if (!present.has(stack))
      context.log("warn", "is not in the assembly any more, and stays", { stack });
  }
}

function explained<T>(label: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw withLabel(label, error);
  }
}

/** An error that the reader can place. One that is nobody's fault but ours keeps its stack as the cause. */
function withLabel(label: string, error: unknown): StartError {
  if (error instanceof StartError) {
    if (error.message.startsWith("Stack ")) return error;
    return new StartError(error.code, `${label}: ${error.message}`);
  }
  const code = error instanceof EvaluationError ? "template-evaluation" : "resource-failed";
  const aws = error instanceof AwsError ? `${error.code}: ` : "";
  const message = error instanceof Error ? error.message : String(error);
  const labelled = new StartError(code, `${label}: ${aws}${message}`);
  labelled.cause = error;
  return labelled;
}
