import { AwsError } from '../endpoint/aws-error.ts';
import type { RestResponse } from '../endpoint/service.ts';
import { element, xmlDocument } from './xml.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
export const noSuchBucket = (bucketName: string) =>
  new AwsError('NoSuchBucket', 'The specified bucket does not exist', {
    statusCode: 404,
    fields: { BucketName: bucketName },
  });

export const noSuchKey = (key: string) =>
  new AwsError('NoSuchKey', 'The specified key does not exist.', { statusCode: 404, fields: { Key: key } });

export const invalidArgument = (name: string, value: string, message: string) =>
  new AwsError('InvalidArgument', message, { fields: { ArgumentName: name, ArgumentValue: value } });

export const invalidRequest = (message: string) => new AwsError('InvalidRequest', message);

export const malformedXml = () =>
  new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

export const badDigest = (header: string) =>
  new AwsError('BadDigest', `The ${header} you specified did not match the calculated checksum.`);

export const preconditionFailed = (condition: string) =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    statusCode: 412,
    fields: { Condition: condition },
  });

export const notImplemented = (what: string) =>
  new AwsError(
    'NotImplemented',
    `${what} is not part of the local run's S3; it has CreateBucket, HeadBucket, ListBuckets, GetBucketLocation, DeleteBucket, PutObject, GetObject, HeadObject, DeleteObject, DeleteObjects and ListObjectsV2`,
    { statusCode: 501 },
  );

/** Errors of S3 are XML, whichever operation they come from. */
export function describeError({ code, message, statusCode, fields }: AwsError): RestResponse {
  const further = Object.entries(fields).flatMap(([name, value]) =>
    typeof value === 'string' ? [element(name, value)] : [],
  );
  return {
    statusCode,
    headers: { 'content-type': 'application/xml' },
    body: xmlDocument('Error', [element('Code', code), element('Message', message), ...further]),
  };
}
