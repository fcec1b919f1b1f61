export { createS3Service } from "./service.ts";
