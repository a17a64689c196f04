export function packageExtension(target: string): Promise<string>;
export function packageSizes(target: string): {
  vsix: number;
  javaScript: number;
  ownJavaScript: number;
  scripts: { name: string; bytes: number; own: number }[];
};
