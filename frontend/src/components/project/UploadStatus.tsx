import { Button, CloseButton, Group, Progress, ScrollArea, Stack, Table, Text } from "@mantine/core";
import type { UploadError } from "../../api/types";
import { counted, fileSize } from "../common/formats";

/** An upload from the first byte to the last word about it. */
export type UploadState =
  | { readonly kind: "idle" }
  | {
      readonly kind: "sending";
      readonly files: number;
      readonly sentBytes: number;
      readonly totalBytes: number;
    }
  | {
      readonly kind: "finished";
      readonly created: number;
      readonly duplicates: number;
      readonly errors: readonly UploadError[];
    };

interface Props {
  readonly upload: UploadState;
  readonly onCancel: () => void;
  readonly onDismiss: () => void;
}

/** Progress while files are sent; afterwards what became of them, refused ones by name with code and sentence. */
export function UploadStatus({ upload, onCancel, onDismiss }: Props) {
  if (upload.kind === "idle") return null;
  if (upload.kind === "sending") {
    const share = upload.totalBytes === 0 ? 0 : (100 * upload.sentBytes) / upload.totalBytes;
    return (
      <div className="surface" style={{ padding: "10px 14px" }} data-testid="upload-progress">
        <Group justify="space-between" mb={6}>
          <Text size="sm">
            {share < 100 ? "Uploading" : "Reading"} {counted(upload.files, "file")} ·{" "}
            {fileSize(upload.sentBytes)} of {fileSize(upload.totalBytes)}
          </Text>
          <Button size="compact-xs" variant="subtle" color="gray" onClick={onCancel}>
            Cancel
          </Button>
        </Group>
        <Progress value={share} size="sm" animated aria-label="Share of the bytes sent" />
      </div>
    );
  }
  return (
    <div className="surface" style={{ padding: "10px 14px" }} data-testid="upload-result">
      <Group justify="space-between">
        <Text size="sm">
          {counted(upload.created, "image")} added
          {upload.duplicates > 0 && ` · ${counted(upload.duplicates, "duplicate")} left out`}
          {upload.errors.length > 0 && ` · ${counted(upload.errors.length, "file")} refused`}
        </Text>
        <CloseButton size="sm" onClick={onDismiss} aria-label="Dismiss the upload's result" />
      </Group>
      {upload.errors.length > 0 && <RefusedFiles errors={upload.errors} />}
    </div>
  );
}

function RefusedFiles({ errors }: { readonly errors: readonly UploadError[] }) {
  return (
    <ScrollArea.Autosize mah={220} mt={8}>
      <Table fz="sm" verticalSpacing={4}>
        <Table.Tbody>
          {errors.map((error, index) => (
            <Table.Tr key={index} data-testid="upload-error">
              <Table.Td>{error.file_name}</Table.Td>
              <Table.Td>
                <Stack gap={0}>
                  <Text size="sm">{error.message}</Text>
                  <Text size="xs" c="dimmed" ff="monospace">
                    {error.code}
                  </Text>
                </Stack>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}
