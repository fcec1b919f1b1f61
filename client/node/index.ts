export { type FileSource, fileSource } from "./file-source.ts";
export { type ResumeDirectory, resumeDirectory } from "./resume-directory.ts";
export { type NodeStreamSource, streamSource } from "./stream-source.ts";
