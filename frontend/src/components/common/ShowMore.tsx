import { Button, type ButtonProps } from "@mantine/core";

interface Props extends Pick<ButtonProps, "size"> {
  /** What `useInfiniteQuery` answers. */
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => Promise<unknown>;
  };
  readonly children?: string;
}

/** The end of a list that comes page by page; nothing where all of it is there. */
export function ShowMore({ query, children = "Show more", ...look }: Props) {
  if (!query.hasNextPage) return null;
  return (
    <Button
      {...look}
      variant="default"
      loading={query.isFetchingNextPage}
      onClick={() => void query.fetchNextPage()}
    >
      {children}
    </Button>
  );
}
