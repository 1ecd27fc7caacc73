import { Button, Group, MultiSelect, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import type { ConsensusRoundWrite, Membership } from "../../api/types";
import { counted } from "../common/formats";

interface Props {
  readonly members: readonly Membership[];
  /** Images nobody has begun. */
  readonly freeImages: number;
  readonly isMaking: boolean;
  readonly onMake: (wanted: ConsensusRoundWrite) => void;
}

const MOST_IMAGES = 1000;

/** A new round: how many images by chance, who labels them, and how many people each. */
export function RoundForm({ members, freeImages, isMaking, onMake }: Props) {
  const blind = members.filter(({ role }) => role === "annotator" || role === "reviewer");
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>(() => blind.map(({ user_id }) => String(user_id)));
  const [perImage, setPerImage] = useState(2);
  const [count, setCount] = useState(Math.min(20, freeImages));
  const [fileName, setFileName] = useState("");
  const isPossible = chosen.length >= 2 && freeImages > 0;
  const isWhole = name.trim() !== "" && count >= 1 && perImage >= 2 && perImage <= chosen.length;
  const make = () =>
    onMake({
      name: name.trim(),
      annotator_ids: chosen.map(Number),
      annotators_per_image: perImage,
      count,
      ...(fileName.trim() ? { file_name: fileName.trim() } : {}),
    });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isPossible && isWhole) make();
      }}
    >
      <Stack>
        <TextInput
          label="Name"
          placeholder="Pilot, first week"
          required
          data-autofocus
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <MultiSelect
          label="Annotators"
          description="Annotators and reviewers. Whoever manages the project sees all masks, and so labels nothing blind."
          data={blind.map(({ user_id, display_name }) => ({ value: String(user_id), label: display_name }))}
          value={[...chosen]}
          onChange={setChosen}
          error={blind.length < 2 ? "The project needs two annotators or reviewers." : null}
        />
        <Group grow align="flex-start">
          <NumberInput
            label="People for each image"
            min={2}
            max={Math.max(2, chosen.length)}
            allowDecimal={false}
            value={perImage}
            onChange={(value) => setPerImage(Number(value))}
          />
          <NumberInput
            label="Images, by chance"
            description={`${counted(freeImages, "image")} that nobody has begun`}
            min={1}
            max={Math.min(MOST_IMAGES, freeImages)}
            allowDecimal={false}
            value={count}
            onChange={(value) => setCount(Number(value))}
            inputWrapperOrder={["label", "input", "description", "error"]}
          />
        </Group>
        <TextInput
          label="Only files with this in their name"
          placeholder="Any"
          maxLength={200}
          value={fileName}
          onChange={(event) => setFileName(event.currentTarget.value)}
        />
        {isPossible && (
          <Text size="sm" c="dimmed">
            Each of them gets {counted(Math.ceil((count * perImage) / Math.max(1, chosen.length)), "image")}{" "}
            or one less, as ordinary work. The images are nobody else’s until they are resolved.
          </Text>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={isMaking} disabled={!isPossible || !isWhole}>
            Begin the round
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
