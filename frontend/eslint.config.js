import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

// The rooms, lowest first. A room imports from the rooms before it, never from one after it; rooms in the
// same row do not know each other except where `alsoAllowed` says so.
const rows = [
  ["common"],
  ["geometry"],
  ["masks"],
  ["sam"],
  ["inference"],
  ["api"],
  ["state"],
  ["journal"],
  ["canvas", "tools"],
  ["components"],
  ["pages"],
];

/** The state is plain data: it may name the API's types, and nothing of the network or the worker. */
const stateSeesOnlyTypes = ["api", "inference"].map((room) => ({
  group: [`**/${room}/**`],
  message: `state/ sees the types of ${room}/ only; hand it functions instead.`,
  allowTypeImports: true,
}));

const roomRules = rows.flatMap((row, index) =>
  row.map((room) => {
    const later = rows.slice(index + 1).flat();
    const forbidden = [...later, ...row.filter((other) => other !== room)];
    const patterns = forbidden.map((other) => ({
      group: [`**/${other}/**`],
      message: `${room}/ may not import from ${other}/: imports go one way (ARCHITECTURE.md).`,
    }));
    if (room === "state") patterns.push(...stateSeesOnlyTypes);
    return {
      files: [`src/${room}/**/*.{ts,tsx}`],
      rules: { "@typescript-eslint/no-restricted-imports": ["error", { patterns }] },
    };
  }),
);

export default tseslint.config(
  { ignores: ["dist", "src/api/schema.d.ts"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ["**/*.{ts,tsx}"] })),
  {
    files: ["**/*.{ts,tsx}"],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "no-console": "error",
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Naming a property is how the rest of an object is taken without it.
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Indexing typed arrays in the pixel loops: a bounds check per pixel costs more than it tells.
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["src/{common,geometry,masks,sam}/**/*.ts"],
    rules: {
      "no-restricted-globals": ["error", "window", "document", "navigator", "fetch", "self"],
    },
  },
  ...roomRules,
);
