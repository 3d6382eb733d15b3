/** Schedules that follow other pipelines' runs form chains. A chain that comes back to where it began would ring for ever, so it is found before it exists. */
import type { AfterTrigger } from './after.js';

/** A schedule that follows runs, and makes runs of its own pipeline. */
export interface ChainLink {
  /** The schedule's name. */
  name: string;
  pipeline: string;
  scope: string;
  trigger: Pick<AfterTrigger, 'pipeline' | 'scope'>;
}

/** A pipeline whose runs have ended, and the one scope in which the chain came there; undefined while it would go the same way in every scope. */
interface Stand {
  pipeline: string;
  scope: string | undefined;
}

/**
 * The links of the shortest circle that a link closes, itself first; undefined when it closes none. What a link wants of outcome and counts is not weighed: it may
 * hold at every turn. @param others without the link itself, or with an older version of it under the same name
 */
export function circleOf(link: ChainLink, others: readonly ChainLink[]): ChainLink[] | undefined {
  const start = follow({ pipeline: link.trigger.pipeline, scope: undefined }, link);
  if (!start) return undefined;
  const followers = new Map<string, ChainLink[]>();
  for (const one of others) if (one.name !== link.name) followers.set(one.trigger.pipeline, [...(followers.get(one.trigger.pipeline) ?? []), one]);
  const seen = new Set<string>();
  const paths: { at: Stand; links: ChainLink[] }[] = [{ at: start, links: [link] }];
  for (const { at, links } of paths) {
    if (at.pipeline === link.trigger.pipeline) return links;
    const key = JSON.stringify([at.pipeline, at.scope]);
    if (seen.has(key)) continue;
    seen.add(key);
    for (const next of followers.get(at.pipeline) ?? []) {
      const there = follow(at, next);
      if (there) paths.push({ at: there, links: [...links, next] });
    }
  }
  return undefined;
}

/** Where a link leads from there; undefined when it follows the runs of another scope. */
function follow(at: Stand, { pipeline, scope, trigger }: ChainLink): Stand | undefined {
  if (trigger.scope === 'each') return { pipeline, scope: at.scope };
  return at.scope === undefined || at.scope === scope ? { pipeline, scope } : undefined;
}

/** "import → report (nightly report) → import (import again)". */
export const circleInWords = (links: readonly ChainLink[]): string => [links[0]?.trigger.pipeline, ...links.map((one) => `${one.pipeline} (schedule "${one.name}")`)].join(' → ');
