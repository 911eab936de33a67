// What asc exports, by the names that world `app` has for it: a function of AssemblyScript has no such name.
const RUNNER = "demo:kv/app-exports-runner@0.1.0#";
const NAMES = {
  construct: `${RUNNER}[constructor]runner`,
  run: `${RUNNER}[method]runner.run`,
  returned: `cabi_post_${RUNNER}[method]runner.run`,
};

export default class {
  afterCompile(module) {
    const exported = Array.from({ length: module.getNumExports() }, (_, index) => module.getExportByIndex(index));
    for (const { name, value } of exported.map((each) => this.binaryen.getExportInfo(each))) {
      if (!(name in NAMES)) continue;
      module.removeExport(name);
      module.addFunctionExport(value, NAMES[name]);
    }
  }
}
