import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { cruise, type ICruiseResult, type IDependency } from 'dependency-cruiser';
import { composition, importTable, type Rule } from './importTable.ts';
import { impureUses } from './purity.ts';
import { projectDir } from './runCommand.ts';

export type BoundaryReport = {
  /** Files of ours whose imports were read. */
  modules: number;
  /** TypeScript files on the disk; must be the same number, else the check is blind. */
  files: number;
  violations: string[];
};

/**
 * Holds the import table, the purity of core and the absence of import cycles over src/ and workers/ below `root`.
 *
 * The parser is named on purpose: with TypeScript 7 installed the default one reads no module at all and reports "no
 * violations", so the number of modules read is part of the report and is compared with the files on the disk.
 */
export async function checkBoundaries(root: string = projectDir): Promise<BoundaryReport> {
  const files = globSync(['src/**/*.ts', 'workers/**/*.ts'], { cwd: root }).sort();
  const { output } = await cruise(files, {
    baseDir: root,
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // Parts of packages (csv-parse/sync) are found by what the package exports.
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  });
  const modules = (output as ICruiseResult).modules.filter(({ source }) => files.includes(source));
  const violations = modules.flatMap(({ source, dependencies }) => [
    ...dependencies.flatMap((dependency) => judgeImport(source, dependency)),
    ...impurities(source, root),
  ]);
  const blind = modules.length === files.length ? [] : [`read ${modules.length} modules of ${files.length} files`];
  return { modules: modules.length, files: files.length, violations: [...blind, ...violations] };
}

/** The line of the table that a file falls under: itself, its folder, or composition when it stands in src itself. */
function ruleOf(path: string): [string, Rule] | null {
  const found = Object.entries(importTable).find(([key]) => path === key || path.startsWith(`${key}/`));
  return found ?? (/^src\/[^/]+\.ts$/.test(path) ? [path, composition] : null);
}

/** The name a folder or top file has in the table's `own` lists: src/core/x.ts is core, src/settings.ts is settings. */
function nameOf(key: string): string {
  return key.replace(/^src\//, '').replace(/\.ts$/, '');
}

function judgeImport(source: string, dependency: IDependency): string[] {
  const found = ruleOf(source);
  if (!found) return [`${source} is in no folder of the import table`];
  const [key, rule] = found;
  const types = dependency.dependencyTypes;
  const typeOnly = types.includes('type-only');
  const refuse = (what: string) => [`${source} may not import ${what}`];
  if (dependency.couldNotResolve) return [`${source} imports ${dependency.module}, which does not exist`];
  const cycle = dependency.cycle ?? [];
  // Types are gone when the program runs, so a ring that closes by a type only is none.
  if (dependency.circular && !typeOnly && cycle.every((step) => !step.dependencyTypes.includes('type-only')))
    return [`${source} is in an import cycle: ${cycle.map((step) => step.name).join(' > ')}`];
  if (types.includes('core')) return rule.node ? [] : refuse(`node:${dependency.module}`);
  if (dependency.resolved.includes('node_modules/')) {
    const name = packageOf(dependency.resolved);
    const allowed = rule.packages === 'all' || rule.packages.includes(name.replace(/^@types\//, ''));
    return allowed ? [] : refuse(`the package ${name}`);
  }
  const target = ruleOf(dependency.resolved);
  if (!target) return refuse(dependency.resolved);
  const name = nameOf(target[0]);
  const allowed = target[0] === key || rule.own === 'all' || rule.own.includes(name);
  return allowed || (typeOnly && rule.ownTypes?.includes(name)) ? [] : refuse(dependency.resolved);
}

function packageOf(resolved: string): string {
  const parts = (resolved.split('node_modules/').at(-1) as string).split('/');
  return (parts[0]?.startsWith('@') ? parts.slice(0, 2) : parts.slice(0, 1)).join('/');
}

function impurities(source: string, root: string): string[] {
  if (!source.startsWith('src/core/')) return [];
  return impureUses(readFileSync(resolve(root, source), 'utf8')).map((name) => `${source} uses ${name}`);
}

if (import.meta.main) {
  const { modules, violations } = await checkBoundaries();
  for (const violation of violations) console.log(violation);
  console.log(`${modules} modules, ${violations.length} violations`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
