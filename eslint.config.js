// The pages' scripts and their tests: recommended rules, and some. What is not defined, tsc finds (tsconfig.json).
import js from "@eslint/js";

const STRICTER = {
  "array-callback-return": "error",
  "consistent-return": "error",
  eqeqeq: "error",
  "max-len": ["error", { code: 120 }],
  "no-else-return": "error",
  "no-eval": "error",
  "no-implicit-coercion": "error",
  "no-implied-eval": "error",
  "no-new-func": "error",
  "no-shadow": "error",
  "no-undef": "off",
  "no-unused-expressions": "error",
  "no-useless-return": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-arrow-callback": "error",
  "prefer-const": "error",
  "prefer-template": "error",
  "require-await": "error",
};

/** By room, the others of profiler/pages that its scripts must not know: a page's room knows no other page. */
const APART = {
  base: ["flame", "timeline", "run", "compare", "index"],
  flame: ["timeline", "run", "compare", "index"],
  timeline: ["flame", "run", "compare", "index"],
  run: ["compare", "index"],
  compare: ["timeline", "run", "index"],
  index: ["flame", "timeline", "run", "compare"],
};
const layers = Object.entries(APART).map(([room, others]) => ({
  files: [`profiler/pages/${room}/*.js`],
  rules: { "no-restricted-imports": ["error", { patterns: [{ group: others.map((other) => `../${other}/*`) }] }] },
}));

export default [
  { ignores: ["profiler/pages/*/bundle.js"] },
  js.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: "error" }, rules: STRICTER },
  ...layers,
];
