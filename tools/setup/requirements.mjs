// Imported first, for its effect: everything after it may use what Node 20.19 has.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `flatmin needs Node.js 20.19 or newer, this is ${process.version} (${process.execPath}). ` +
      'Install a newer one, for example with `nvm install 24`, and start again.',
  );
  process.exit(1);
}
