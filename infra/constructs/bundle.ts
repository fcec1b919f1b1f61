import path from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { buildSync } from "esbuild";
import { repositoryRoot } from "../paths.ts";

/**
 * One ESM file with everything in it, the SDK too, so that what was tested is what runs.
 *
 * NodejsFunction's own bundling starts `npx esbuild` once a function; in process it is the same
 * bundle without sixteen starts of npm.
 */
export function bundledCode(entry: string): Code {
  return Code.fromAsset(repositoryRoot, {
    // By what came out: a comment in a test file must not deploy anything.
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Demanded by the interface; never pulled, since `local` always answers.
      image: DockerImage.fromRegistry("scratch"),
      // Never run either. The CDK stages assets that look alike once, and does not look into `local`.
      command: ["bundle", entry],
      local: {
        tryBundle: (outputDirectory) => {
          bundle(entry, path.join(outputDirectory, "index.mjs"));
          return true;
        },
      },
    },
  });
}

/** @param entry absolute, or relative to the repository */
export function bundle(entry: string, outfile: string): void {
  buildSync({
    entryPoints: [entry],
    absWorkingDir: repositoryRoot,
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // ESM first: it can be shaken.
    mainFields: ["module", "main"],
    minify: true,
    // Names in stack traces and in logs stay those of the source.
    keepNames: true,
    sourcemap: "linked",
    sourcesContent: false,
    loader: { ".sql": "text" },
    // Some dependencies are CommonJS and call `require` of a Node module, which ESM does not have.
    banner: {
      js: 'import { createRequire as sluiceCreateRequire } from "node:module"; const require = sluiceCreateRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
}
