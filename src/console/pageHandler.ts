import type { FastifyRequest } from 'fastify';
import type { ConsoleDeps } from './deps.ts';
import type { Html } from './html.ts';
import type { HtmlViews } from './htmlViews.ts';

/** Makes one page. Throws NotFound, Elsewhere and WrongInput, which the server answers. */
export type PageHandler = (deps: ConsoleDeps, request: FastifyRequest, views: HtmlViews) => Promise<Html>;
