import { Badge, Button, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { describeError } from "../api/errors";
import { decodeOnServer } from "../api/images";
import { fetchModels } from "../api/models";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { relativeDifference, tryRung, waysOf, type Trial } from "../inference/ladder";
import { judgeRungs, RUNG_NAMES, type Capabilities, type Rung, type RungVerdict } from "../inference/rungs";
import { spawnDecoderWorker } from "../inference/spawn";
import { readManifest } from "../sam/manifest";
import { fetchModelFiles } from "./modelFiles";
import { useServices } from "./services";

/** What this browser can do for decoding, what is chosen and why, and a trial of every rung on request. */
export default function SelfTestPage() {
  const { bridge } = useServices();
  const rung = useSyncExternalStore(bridge.subscribe, bridge.getRungState);
  const capabilities = useQuery({
    queryKey: ["capabilities"],
    queryFn: () => bridge.measure(),
    staleTime: Infinity,
  });
  const trial = useMutation({
    mutationFn: async () => {
      const trials = await tryEveryRung(capabilities.data!);
      return trials;
    },
  });
  return (
    <Stack gap="lg" maw={860} data-testid="self-test">
      <div>
        <Title order={2}>Self-test</Title>
        <Text c="dimmed">
          How masks are decoded in this browser, and why. Nothing leaves this computer except on the last
          rung.
        </Text>
      </div>
      {capabilities.isError && (
        <ErrorNotice title="The browser could not be measured" error={describeError(capabilities.error)} />
      )}
      {capabilities.data && <CapabilityTable capabilities={capabilities.data} />}
      <Group justify="space-between">
        <Title order={4}>Ways to decode, best first</Title>
        <Button
          onClick={() => trial.mutate()}
          loading={trial.isPending}
          disabled={!capabilities.data}
          data-testid="try-rungs"
        >
          Try every way
        </Button>
      </Group>
      {trial.isError && <ErrorNotice title="The trial failed" error={describeError(trial.error)} />}
      {capabilities.data && (
        <RungTable
          verdicts={judgeRungs(capabilities.data)}
          trials={trial.data ?? (rung.kind === "ready" ? rung.trials : [])}
          inUse={rung.kind === "ready" ? rung : null}
        />
      )}
    </Stack>
  );
}

function CapabilityTable({ capabilities }: { readonly capabilities: Capabilities }) {
  const rows: readonly [string, string, boolean, string][] = [
    [
      "isolated",
      "Cross-origin isolated",
      capabilities.isCrossOriginIsolated,
      "The server's COOP and COEP headers arrive; shared memory needs them.",
    ],
    ["sab", "SharedArrayBuffer", capabilities.hasSharedArrayBuffer, "Memory that threads share."],
    ["simd", "WebAssembly SIMD", capabilities.hasSimd, "Without it masks are decoded on the server."],
    ["threads", "WebAssembly threads", capabilities.hasWasmThreads, `${capabilities.cores} processor cores.`],
    [
      "webgpu",
      "WebGPU adapter",
      capabilities.gpu !== null && !capabilities.gpu.isSoftware,
      capabilities.gpu ? capabilities.gpu.name : "None is offered.",
    ],
  ];
  return (
    <div className="surface">
      <Table>
        <Table.Tbody>
          {rows.map(([id, name, isThere, note]) => (
            <Table.Tr key={id} data-testid={`capability-${id}`} data-value={isThere}>
              <Table.Td w={220}>{name}</Table.Td>
              <Table.Td w={90}>
                <Badge color={isThere ? "teal" : "gray"} variant="light">
                  {isThere ? "Yes" : "No"}
                </Badge>
              </Table.Td>
              <Table.Td c="dimmed">{note}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function RungTable({
  verdicts,
  trials,
  inUse,
}: {
  readonly verdicts: readonly RungVerdict[];
  readonly trials: readonly Trial[];
  readonly inUse: { readonly rung: Rung; readonly threads: number } | null;
}) {
  const reference = trials.find((trial) => trial.output !== null && trial.rung !== "webgpu");
  const first = verdicts.find((verdict) => verdict.isAvailable && verdict.rung === "wasm");
  const chosen = inUse ?? { rung: first?.rung ?? "server", threads: 1 };
  const rows = verdicts.flatMap((verdict) => rowsOf(verdict, trials));
  return (
    <div className="surface">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Way</Table.Th>
            <Table.Th>Click</Table.Th>
            <Table.Th>Prepare</Table.Th>
            <Table.Th>Start</Table.Th>
            <Table.Th>Why</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ id, verdict, trial }) => {
            const isChosen =
              verdict.rung === chosen.rung && (trial === undefined || trial.threads === chosen.threads);
            return (
              <Table.Tr
                key={id}
                data-testid={id}
                data-available={trial ? trial.verdict.isAvailable : verdict.isAvailable}
                data-chosen={isChosen}
                data-threads={trial?.threads ?? ""}
                data-decode-ms={trial?.decodeMs ?? ""}
              >
                <Table.Td w={220}>
                  <Group gap="xs">
                    {RUNG_NAMES[verdict.rung]}
                    {trial && trial.threads > 1 && `: ${trial.threads}`}
                    {isChosen && <Badge size="sm">{inUse ? "in use" : "chosen"}</Badge>}
                  </Group>
                </Table.Td>
                <Table.Td w={90}>{milliseconds(trial?.decodeMs)}</Table.Td>
                <Table.Td w={90}>{milliseconds(trial?.prepareMs)}</Table.Td>
                <Table.Td w={90}>{milliseconds(trial?.loadMs)}</Table.Td>
                <Table.Td c="dimmed">
                  {trial?.verdict.reason ?? verdict.reason} {agreement(trial, reference)}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </div>
  );
}

interface Row {
  readonly id: string;
  readonly verdict: RungVerdict;
  readonly trial: Trial | undefined;
}

/** One row per number of threads that was tried, the last trial of each; the rung alone before any trial. */
function rowsOf(verdict: RungVerdict, trials: readonly Trial[]): Row[] {
  const byThreads = new Map<number, Trial>();
  for (const trial of trials) if (trial.rung === verdict.rung) byThreads.set(trial.threads, trial);
  const id = `rung-${verdict.rung}`;
  if (byThreads.size === 0) return [{ id, verdict, trial: undefined }];
  return [...byThreads.values()].map((trial) => ({
    id: trial.threads > 2 ? `${id}-${trial.threads}` : id,
    verdict,
    trial,
  }));
}

/** Every rung in a worker of its own, software adapters included: this page is for finding out. */
async function tryEveryRung(capabilities: Capabilities): Promise<Trial[]> {
  const models = await fetchModels();
  const model = models.find((item) => item.is_default) ?? models[0];
  if (!model) throw new Error("No model is registered on the server.");
  const files = await fetchModelFiles(readManifest(model.manifest), true);
  const trials: Trial[] = [];
  for (const verdict of judgeRungs(capabilities)) {
    const isTryable = verdict.isAvailable || (verdict.rung === "webgpu" && capabilities.gpu !== null);
    if (!isTryable || verdict.rung === "server") continue;
    for (const way of waysOf(verdict, capabilities)) {
      const { trial, client } = await tryRung(() => spawnDecoderWorker(decodeOnServer), way, [files]);
      client?.terminate();
      trials.push(trial);
    }
  }
  return trials;
}

function milliseconds(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : `${value.toFixed(0)} ms`;
}

function agreement(trial: Trial | undefined, reference: Trial | undefined): string {
  if (!trial?.output || !reference?.output || trial === reference) return "";
  const difference = relativeDifference(trial.output.lowResMasks, reference.output.lowResMasks);
  return `Differs from ${RUNG_NAMES[reference.rung]} by ${(100 * difference).toFixed(3)} % of the masks' spread.`;
}
