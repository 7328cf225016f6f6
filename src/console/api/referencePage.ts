import { type Html, html } from '../html.ts';
import { frame } from '../pages/frame.ts';
import type { View } from '../view.ts';

type Described = {
  summary: string;
  description?: string;
  parameters?: { name: string; in: string; required: boolean; description?: string; schema: Shape }[];
  requestBody?: { content: Record<string, { schema: Shape }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Shape }> }>;
};

type Shape = {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Shape[];
  items?: Shape;
  properties?: Record<string, Shape>;
  required?: string[];
  description?: string;
  format?: string;
};

/** The description of the API as a page for people: no script, made of the document and nothing else. In English. */
export function referencePage(view: View, document: Record<string, unknown>): Html {
  const paths = document.paths as Record<string, Record<string, Described>>;
  const info = document.info as { description: string; version: string };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ path, method: method.toUpperCase(), one })),
  );
  return frame(view, {
    title: 'API',
    place: null,
    head: html`<div class="title-line"><h1>API</h1><p class="beside">${info.version} · <a href="/api/openapi.json">openapi.json</a></p></div>`,
    main: html`<article class="later" lang="en"><p>${info.description}</p>${operations.map(
      ({ path, method, one }) =>
        html`<section class="later"><h2><code>${method} ${path}</code></h2><p>${one.summary}. ${one.description}</p>${
          one.parameters ? parameters(one.parameters) : null
        }${one.requestBody ? html`<h3>Body</h3>${shape(one.requestBody.content)}` : null}${Object.entries(
          one.responses,
        ).map(([status, response]) =>
          status === '200'
            ? html`<h3>200</h3>${shape(response.content)}`
            : html`<p><code>${status}</code> ${response.description}</p>`,
        )}</section>`,
    )}</article>`,
  });
}

function parameters(list: NonNullable<Described['parameters']>): Html {
  return html`<table><thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>${list.map(
    (one) =>
      html`<tr><th scope="row"><code>${one.name}</code></th><td>${one.in}${one.required ? ', required' : null}</td><td>${typeOf(one.schema)}</td><td>${one.description}</td></tr>`,
  )}</tbody></table>`;
}

function shape(content: Record<string, { schema: Shape }> | undefined): Html | null {
  const schema = content?.['application/json']?.schema;
  return schema ? html`<pre class="raw">${lines(schema, '')}</pre>` : null;
}

/** An object as indented lines: `name: type  meaning`. */
function lines(schema: Shape, indent: string): string {
  if (schema.properties === undefined) return `${indent}${typeOf(schema)}\n`;
  return Object.entries(schema.properties)
    .map(([name, field]) => {
      const inner = field.properties ? field : field.items?.properties ? field.items : null;
      const optional = schema.required?.includes(name) ? '' : '?';
      const meaning = field.description ? `  — ${field.description}` : '';
      const line = `${indent}${name}${optional}: ${typeOf(field)}${meaning}\n`;
      return inner === null ? line : line + lines(inner, `${indent}  `);
    })
    .join('');
}

function typeOf(schema: Shape): string {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ');
  if (schema.type === 'array') return `${schema.items ? typeOf(schema.items) : 'any'}[]`;
  return schema.format ?? String(schema.type ?? 'any');
}
