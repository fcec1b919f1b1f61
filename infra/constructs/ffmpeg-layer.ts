import { SymlinkFollowMode } from "aws-cdk-lib";
import { Code, LayerVersion } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { layerDirectory } from "../../layers/ffmpeg/layer.mjs";
import type { Target } from "../targets.ts";

/**
 * ffmpeg and ffprobe in /opt/bin, which is on a function's PATH.
 *
 * A layer that was not assembled is a marker directory: templates can be reviewed without a
 * download, and the deploy command refuses it.
 */
export class FfmpegLayer extends LayerVersion {
  constructor(scope: Construct, id: string, props: { readonly target: Target }) {
    const { target } = props;
    super(scope, id, {
      description: `ffmpeg and ffprobe (${target.ffmpegVariant})`,
      code: layerCode(layerDirectory(target.ffmpegVariant)),
      compatibleArchitectures: [target.architecture],
    });
  }
}

/** Links stay links: a machine's own binaries are neither copied nor hashed at each synthesis. */
export function layerCode(directory: string): Code {
  return Code.fromAsset(directory, { followSymlinks: SymlinkFollowMode.NEVER });
}
