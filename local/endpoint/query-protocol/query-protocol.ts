import { AwsError } from '../aws-error.ts';
import type { QueryProtocol } from '../service.ts';
import { readInput } from './read-input.ts';
import type { StructureShape } from './shape.ts';
import { element, escapeText, writeMembers } from './write-xml.ts';

export interface QueryOperation {
  readonly input: StructureShape;
  /** Absent: the answer has no result element. */
  readonly output?: StructureShape;
}

export interface QueryProtocolOptions {
  /** In the signature's credential scope: `sqs`. */
  readonly signingName: string;
  readonly xmlNamespace: string;
  /** What the path of a request's URL stands for when the parameters do not say it: `QueueUrl`. */
  readonly pathParameter?: string;
  readonly operations: Readonly<Record<string, QueryOperation>>;
}

export function createQueryProtocol(options: QueryProtocolOptions): QueryProtocol {
  const { signingName, xmlNamespace, pathParameter, operations } = options;
  const known = new Map(Object.entries(operations));

  return {
    signingName,
    readRequest(given, path) {
      const parameters = new URLSearchParams(given);
      if (pathParameter !== undefined && path !== '/' && !parameters.has(pathParameter)) {
        parameters.set(pathParameter, path);
      }
      const name = parameters.get('Action');
      if (name === null) throw new AwsError('MissingAction', 'The request must contain the parameter Action.');
      const operation = known.get(name);
      if (operation === undefined) {
        throw new AwsError('InvalidAction', `The action ${name} is not valid for this endpoint.`);
      }
      return { operation: name, input: readInput(parameters, operation.input) };
    },
    writeOutput(name, output, requestId) {
      const shape = known.get(name)?.output;
      const result = shape === undefined ? '' : element(`${name}Result`, writeMembers(output, shape));
      const metadata = element('ResponseMetadata', element('RequestId', requestId));
      return document(`${name}Response`, xmlNamespace, result + metadata);
    },
    writeError: (error, requestId) => writeQueryError(error, requestId, xmlNamespace),
  };
}

/** An error as the query protocol answers it, under the code that this protocol knows it by. */
export function writeQueryError(error: AwsError, requestId: string, xmlNamespace?: string): string {
  const detail = [
    element('Type', error.statusCode < 500 ? 'Sender' : 'Receiver'),
    element('Code', escapeText(error.queryCode ?? error.code)),
    element('Message', escapeText(error.message)),
    '<Detail/>',
  ];
  return document('ErrorResponse', xmlNamespace, element('Error', detail.join('')) + element('RequestId', requestId));
}

function document(root: string, xmlNamespace: string | undefined, content: string): string {
  const attribute = xmlNamespace === undefined ? '' : ` xmlns="${xmlNamespace}"`;
  return `<?xml version="1.0"?><${root}${attribute}>${content}</${root}>`;
}
