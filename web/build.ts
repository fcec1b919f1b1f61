import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const room = dirname(fileURLToPath(import.meta.url));

/** What index.html names, and esbuild turns into a file named by its content. */
const entries = ["main.tsx", "styles/index.css", "icon.svg"];

/** zod carries its messages in fifty languages, half of the bundle; the page shows none of them. */
const withoutLocales: Plugin = {
  name: "without-locales",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/locales\/index\.js$/ }, ({ importer }) =>
      /[\\/]zod[\\/]/.test(importer) ? { path: "locales", namespace: "empty" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "export {};" }));
  },
};

/**
 * Bundles the page into `outDir`, which is emptied first.
 * @returns the files written, relative to `outDir`; all but `index.html` may be cached for ever
 */
export async function buildWeb(outDir: string): Promise<string[]> {
  const outdir = resolve(outDir);
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: room,
    entryPoints: entries,
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".svg": "copy" },
    entryNames: "assets/[name]-[hash]",
    chunkNames: "assets/[name]-[hash]",
    assetNames: "assets/[name]-[hash]",
    plugins: [withoutLocales],
    legalComments: "none",
    metafile: true,
    logLevel: "silent",
  });

  const files: string[] = [];
  let html = await readFile(join(room, "index.html"), "utf8");
  for (const [output, { entryPoint, inputs }] of Object.entries(metafile.outputs)) {
    const file = relative(outdir, resolve(room, output));
    files.push(file);
    // A copied file has no entry point in the metafile, only its one input.
    const entry = entryPoint ?? Object.keys(inputs)[0];
    if (entry && entries.includes(entry)) html = html.replaceAll(`"/${entry}"`, `"/${file}"`);
  }
  await writeFile(join(outdir, "index.html"), html);
  return ["index.html", ...files.sort()];
}

if (import.meta.main) {
  const files = await buildWeb(process.argv[2] ?? "dist");
  console.log(files.join("\n"));
}
