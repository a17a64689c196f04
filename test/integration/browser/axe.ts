import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { PanelDriver } from './panelDriver';
import { extension } from './stage';

export interface Finding {
  id: string;
  impact: string;
  /** The first elements that it is about. */
  html: string[];
}

/** What axe-core finds serious or critical in the panel as it is shown. */
export async function graveFindings(driver: PanelDriver): Promise<Finding[]> {
  const frame = await driver.workbench.panelFrame();
  if (!(await frame.evaluate<boolean>(`typeof axe === 'object'`))) {
    const file = createRequire(join(extension, 'package.json')).resolve('axe-core/axe.min.js');
    await frame.evaluate(readFileSync(file, 'utf8'));
  }
  const findings = await frame.evaluate<Finding[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(
      ({ id, impact, nodes }) => ({ id, impact, html: nodes.slice(0, 3).map(({ html }) => html) })))`,
  );
  return findings.filter(({ impact }) => impact === 'serious' || impact === 'critical');
}
