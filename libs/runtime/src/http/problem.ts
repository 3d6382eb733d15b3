/** Errors as RFC 9457 problem+json: what is wrong, with which field, and what would be right. Nothing of our insides. */
import { Catch, HttpException, HttpStatus } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

/** One field of the request and what is wrong with it. */
export interface FieldProblem {
  field: string;
  message: string;
}

export interface ProblemBody {
  type: 'about:blank';
  title: string;
  status: number;
  detail: string;
  errors?: FieldProblem[];
}

/** An answer that is not a success, decided by us. */
export class Problem extends HttpException {
  constructor(status: number, detail: string, errors?: FieldProblem[]) {
    super(problemBody(status, detail, errors), status);
  }
}

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    // Handlers of messages have a filter of their own.
    if (host.getType() !== 'http') throw error;
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const body = this.bodyOf(error, request);
    void reply.status(body.status).header('content-type', 'application/problem+json; charset=utf-8').send(body);
  }

  private bodyOf(error: unknown, request: FastifyRequest): ProblemBody {
    if (error instanceof Problem) return error.getResponse() as ProblemBody;
    const status = statusOf(error);
    if (status < 500) return problemBody(status, (error as Error).message);
    this.log.error({ err: error, method: request.method, path: request.routeOptions.url }, 'request failed');
    return problemBody(status, status === 503 ? 'the service can not answer just now; try again' : 'something went wrong here; it was logged');
  }
}

export function problemBody(status: number, detail: string, errors?: FieldProblem[]): ProblemBody {
  return { type: 'about:blank', title: titleOf(status), status, detail, ...(errors && errors.length > 0 && { errors }) };
}

/** Nest's and Fastify's own errors both carry a status; anything else is ours to mend. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown }).statusCode;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}

function titleOf(status: number): string {
  const name = HttpStatus[status];
  return name === undefined ? 'Error' : name.charAt(0) + name.slice(1).toLowerCase().replaceAll('_', ' ');
}
