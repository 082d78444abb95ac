/** As in `engines` of package.json, and in the command. */
const LEAST = [22, 18] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

// package managers only warn, and the app would fail at the first function that an older Node does not have
if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1])) {
  throw new Error(
    `Node.js ${LEAST.join('.')} or later is needed to synthesize an app with Waybill, this is ${process.versions.node} (${process.execPath}): install a newer one`,
  );
}
