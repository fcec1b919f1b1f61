import { limits } from "../domain/plan.ts";

/**
 * What ffmpeg may open. A file chooses its own demuxer by its content: without these lists a
 * playlist named film.mp4 makes ffmpeg fetch what it names. No hls, dash, concat, sdp, image2, lavfi.
 */
const containers = [
  "mov,mp4,m4a,3gp,3g2,mj2",
  "matroska,webm",
  "mpegts",
  "mpeg",
  "mpegvideo",
  "avi",
  "flv",
  "asf",
  "ogg",
  "mxf",
  "ivf",
  "dv",
  "nut",
  "yuv4mpegpipe",
  "gif",
  "h264",
  "hevc",
];
/** Opened by the probe, and for sound alone. */
const soundContainers = ["mp3", "wav", "flac", "aac", "aiff", "amr", "ac3", "w64", "caf"];

const codecs = [
  "h264,hevc,vp8,vp9,libvpx-vp9,libvpx,av1,libdav1d,libaom-av1,mpeg4,mpeg2video,mpeg1video,h263,flv",
  "msmpeg4v1,msmpeg4v2,msmpeg4,wmv1,wmv2,wmv3,vc1,theora,mjpeg,prores,dnxhd,dvvideo,ffv1,huffyuv",
  "ffvhuff,utvideo,qtrle,rawvideo,cfhd,vp6,vp6f,svq1,svq3,cinepak,gif,v210",
  "aac,aac_latm,mp3,mp3float,mp2,mp2float,mp1,mp1float,ac3,eac3,dca,truehd,mlp,opus,libopus,vorbis",
  "libvorbis,flac,alac,wmav1,wmav2,wmapro,wmalossless,amrnb,amrwb,libopencore_amrnb",
  "libopencore_amrwb,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,adpcm_swf,speex,libspeex,nellymoser",
  "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le",
  "pcm_u8,pcm_s8,pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd",
].join(",");

/** ffprobe opens a decoder for every stream, and gives up on a file when it may not. */
const besideCodecs = [
  "srt,subrip,ass,ssa,mov_text,webvtt,text,dvdsub,pgssub,dvbsub,xsub,cc_dec",
  "png,bmp,webp,tiff",
].join(",");

/** A cover is a stranger's picture, and a few thousand pixels wide at most. */
const maxCoverPixels = 5_000 * 5_000;

const purposes = {
  film: { formats: containers, codecs, pixels: limits.maxPixels },
  sound: { formats: [...containers, ...soundContainers], codecs, pixels: limits.maxPixels },
  cover: {
    formats: [...containers, ...soundContainers],
    codecs: `${codecs},png`,
    pixels: maxCoverPixels,
  },
  probe: {
    formats: [...containers, ...soundContainers],
    codecs: `${codecs},${besideCodecs}`,
    pixels: limits.maxPixels,
  },
};

/** Before `-i`, for every source, whatever is done with it. */
export const guardedInput = (url: string, purpose: keyof typeof purposes = "film"): string[] => [
  "-protocol_whitelist",
  "http,tcp",
  "-format_whitelist",
  purposes[purpose].formats.join(","),
  "-codec_whitelist",
  purposes[purpose].codecs,
  "-max_pixels",
  String(purposes[purpose].pixels),
  "-i",
  url,
];
