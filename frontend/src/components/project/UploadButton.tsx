import { Button, Menu } from "@mantine/core";
import { IconFiles, IconFolder, IconUpload } from "@tabler/icons-react";
import { useRef } from "react";
import { pickedFiles, type FoundFile } from "./droppedFiles";

const ACCEPTED = "image/jpeg,image/png,image/webp,image/tiff,image/bmp,.zip";

interface Props {
  readonly isBusy: boolean;
  readonly onPick: (files: readonly FoundFile[]) => void;
}

/** Picks files (zips too) or a whole folder. */
export function UploadButton({ isBusy, onPick }: Props) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    onPick(pickedFiles(input.files));
    // The same files may be picked again.
    input.value = "";
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button leftSection={<IconUpload size={16} />} loading={isBusy} data-testid="upload-button">
            Upload
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconFiles size={16} />} onClick={() => files.current?.click()}>
            Images or zip files…
          </Menu.Item>
          <Menu.Item leftSection={<IconFolder size={16} />} onClick={() => folder.current?.click()}>
            A folder…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        accept={ACCEPTED}
        aria-label="Images or zip files to upload"
        onChange={(event) => take(event.currentTarget)}
        data-testid="upload-input"
      />
      <input
        ref={folder}
        type="file"
        multiple
        hidden
        aria-label="Folder to upload"
        onChange={(event) => take(event.currentTarget)}
        {...{ webkitdirectory: "" }}
      />
    </>
  );
}
