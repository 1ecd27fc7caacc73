import { Anchor, Loader, Text, UnstyledButton } from "@mantine/core";
import { IconLayersSubtract, IconZoomScan } from "@tabler/icons-react";
import { memo, type ReactNode } from "react";
import { Link } from "react-router";
import type { Command } from "../../tools/commands";
import { RUNG_NAMES, type Rung } from "../../inference/rungs";
import { counted } from "../common/formats";
import { tooltip } from "../common/tooltip";
import { useKeyText } from "./KeymapContext";

interface Props {
  readonly rung: Rung | null;
  readonly lastDecode: { readonly decodeMs: number; readonly upsampleMs: number } | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly saveState: ReactNode;
  readonly looksCloser: boolean;
  /** How far a closer look at the object being made is. */
  readonly look: "none" | "coming" | "ready" | "failed";
  readonly yields: boolean;
  readonly onCommand: (command: Command) => void;
  readonly zoom: number;
  readonly imageSize: { readonly width: number; readonly height: number };
  readonly licence: string;
  /** Regions blurred before it was stored; null where nothing was looked for. */
  readonly blurred: number | null;
}

const LOOK_TEXTS = {
  none: "Looks closer at small boxes",
  coming: "Looking closer…",
  ready: "Looked closer",
  failed: "No closer look to be had",
} as const;

/** One line of facts: how masks are decoded, whether all is saved, zoom, size, licence. */
export function StatusBar(props: Props) {
  const { rung, lastDecode, failure, zoom, imageSize, licence, blurred } = props;
  return (
    <footer className="annotator-status">
      <Anchor
        {...tooltip("How masks are decoded here. Click for the self-test.")}
        component={Link}
        to="/self-test"
        c="inherit"
        fz={12}
        data-testid="decoder-rung"
        data-rung={rung ?? ""}
      >
        {rung ? RUNG_NAMES[rung] : "Decoder not loaded"}
      </Anchor>
      {lastDecode && (
        <span
          {...tooltip(
            `Decoder ${lastDecode.decodeMs.toFixed(0)} ms, upsampling ${lastDecode.upsampleMs.toFixed(0)} ms`,
          )}
          data-testid="decode-ms"
        >
          {(lastDecode.decodeMs + lastDecode.upsampleMs).toFixed(0)} ms
        </span>
      )}
      {failure && (
        <Text fz={12} c="var(--app-warning)" truncate data-testid="decode-failure">
          {failure.message} ({failure.code})
        </Text>
      )}
      <Switches
        yields={props.yields}
        looksCloser={props.looksCloser}
        look={props.look}
        onCommand={props.onCommand}
      />
      {props.saveState}
      <span style={{ flex: 1 }} />
      {licence && (
        <Text fz={12} truncate title={licence} data-testid="licence-note">
          {licence}
        </Text>
      )}
      {blurred !== null && (
        <span
          {...tooltip("What looked like a face or a licence plate was blurred before the image was stored.")}
          data-testid="blurred-count"
        >
          {blurred === 0 ? "Nothing blurred" : `${counted(blurred, "region")} blurred`}
        </span>
      )}
      <span>
        {imageSize.width} × {imageSize.height}
      </span>
      <span data-testid="zoom">{zoom < 0.1 ? (zoom * 100).toFixed(1) : Math.round(zoom * 100)} %</span>
    </footer>
  );
}

/** How masks are made; apart, since the times of the decodes beside them change at every hover. */
const Switches = memo(function Switches(props: Pick<Props, "yields" | "looksCloser" | "look" | "onCommand">) {
  const keyText = useKeyText();
  const changes = (command: Command) => {
    const key = keyText(command);
    return key === "" ? " Click changes it." : ` Click or ${key} changes it.`;
  };
  return (
    <>
      <UnstyledButton
        {...tooltip(
          (props.yields
            ? "New masks leave out the pixels of masks that are there already."
            : "New masks may lie over masks that are there already.") + changes({ name: "toggleYields" }),
        )}
        className="status-switch"
        aria-pressed={props.yields}
        data-on={props.yields}
        data-testid="yields"
        onClick={() => props.onCommand({ name: "toggleYields" })}
      >
        <IconLayersSubtract size={14} /> {props.yields ? "Yields to existing" : "May overlap"}
      </UnstyledButton>
      <UnstyledButton
        {...tooltip(
          (props.looksCloser
            ? "A box around a small object is decoded again from its surroundings alone, for a sharper outline."
            : "Small objects are decoded from the whole image, like all others.") +
            changes({ name: "toggleLooksCloser" }),
        )}
        className="status-switch"
        aria-pressed={props.looksCloser}
        data-on={props.looksCloser}
        data-look={props.look}
        data-testid="looks-closer"
        onClick={() => props.onCommand({ name: "toggleLooksCloser" })}
      >
        {props.look === "coming" ? <Loader size={11} /> : <IconZoomScan size={14} />}{" "}
        {props.looksCloser ? LOOK_TEXTS[props.look] : "No closer look"}
      </UnstyledButton>
    </>
  );
});
