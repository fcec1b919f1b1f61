export { SluiceApi } from "./api.ts";
export type { SluiceApiOptions, TokenSource } from "./api-caller.ts";
export { type Clock, systemClock } from "./clock.ts";
export {
  AnswerError,
  PartRefusedError,
  ProblemError,
  SourceChangedError,
  StreamLengthError,
  UnreachableError,
  UploadCanceledError,
} from "./errors.ts";
export { alwaysOnline, type Connectivity } from "./gate.ts";
export { memoryResumeStore, type ResumeRecord, type ResumeStore } from "./resume.ts";
export type { RetryPolicy } from "./retry.ts";
export type { StreamSnapshot, UploadPhase, UploadResult, UploadSnapshot } from "./snapshot.ts";
export type { PartAnswer, PartRequest, StreamSource, UploadSource } from "./source.ts";
export { type StreamUploadOptions, type StreamUploadTask, uploadStream } from "./stream-upload.ts";
export { type UploadOptions, type UploadTask, upload } from "./upload.ts";
