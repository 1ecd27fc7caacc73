import { createTheme, type MantineColorsTuple } from "@mantine/core";

const sky: MantineColorsTuple = [
  "#e6f5ff",
  "#cfe7fb",
  "#a0cdf2",
  "#6eb2e9",
  "#479be2",
  "#2f8cdd",
  "#2085dc",
  "#1072c4",
  "#0066b0",
  "#004f8d",
];

export const theme = createTheme({
  primaryColor: "sky",
  primaryShade: { light: 8, dark: 7 },
  colors: { sky },
  defaultRadius: "md",
  fontFamily: 'Inter, "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", Arial, sans-serif',
  headings: { fontWeight: "650" },
  focusRing: "auto",
  // Black or white on a colour, whichever reads better: at this luminance both have a contrast of 4.6 : 1.
  autoContrast: true,
  luminanceThreshold: 0.179,
  components: {
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true } },
    // While a menu faded out it would still have the keys: Ctrl+Z right after a click in it would be lost.
    Menu: { defaultProps: { transitionProps: { duration: 0 } } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Modal: { defaultProps: { centered: true, closeButtonProps: { "aria-label": "Close" } } },
  },
});
