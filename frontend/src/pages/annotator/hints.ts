import { notifications } from "@mantine/notifications";
import { hintText, type Hint, type Keymap } from "../../tools/keymap";

/** The newest hint in the place of the one before, which `show` alone would keep. */
export function showHint(hint: Hint, keymap: Keymap) {
  const message = hintText(hint, keymap);
  notifications.hide("hint");
  notifications.show({ id: "hint", color: "blue", message });
}
