export { createS3Service, type S3Dependencies } from "./service.ts";
