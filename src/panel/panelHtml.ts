/** Where the webview loads its parts from, as the webview writes it. */
export interface PanelResources {
  cspSource: string;
  script: string;
  style: string;
  /** Fresh for each load. */
  nonce: string;
  /** A BCP 47 tag. */
  locale: string;
}

/** The webview's document: nothing but our own script and style sheet is loaded, and nothing from the network. */
export function panelHtml({ cspSource, script, style, nonce, locale }: PanelResources): string {
  const policy = [
    `default-src 'none'`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data: blob:`,
    `script-src 'nonce-${nonce}'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escaped(locale)}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gradstep</title>
<link rel="stylesheet" href="${escaped(style)}">
</head>
<body>
<div id="app"></div>
<script type="module" nonce="${nonce}" src="${escaped(script)}"></script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
