import { client, dataOf, done, timeLimit } from "./client";
import type { Comment, Thread, ThreadWrite } from "./types";

/** The image's threads with their comments. The browser asks with the ETag it has: little is sent while nothing changed. */
export function fetchThreads(imageId: number, signal?: AbortSignal): Promise<Thread[]> {
  return dataOf(
    client.GET("/api/v1/images/{image_id}/threads/", {
      params: { path: { image_id: imageId } },
      ...(signal ? { signal } : {}),
    }),
  );
}

// The writes name the person whose words they carry, like those of masks.

/** Pins a thread. One that an earlier try made all the same, with other words, gets these. */
export async function createThread(asUser: number, imageId: number, body: ThreadWrite): Promise<Thread> {
  const made = await dataOf(
    client.POST("/api/v1/images/{image_id}/threads/", {
      params: { path: { image_id: imageId }, header: { "X-As-User": asUser } },
      body,
      signal: timeLimit(),
    }),
  );
  const [first] = made.comments;
  if (!first || first.text === body.text.trim()) return made;
  const comment = await editComment(asUser, first.id, body.text);
  return { ...made, comments: [comment, ...made.comments.slice(1)] };
}

/** Answers in a thread; tried again like `createThread`. */
export async function createComment(
  asUser: number,
  threadId: string,
  body: { readonly id: string; readonly text: string },
): Promise<Comment> {
  const made = await dataOf(
    client.POST("/api/v1/threads/{thread_id}/comments/", {
      params: { path: { thread_id: threadId }, header: { "X-As-User": asUser } },
      body,
      signal: timeLimit(),
    }),
  );
  return made.text === body.text.trim() ? made : editComment(asUser, made.id, body.text);
}

export function editComment(asUser: number, commentId: string, text: string): Promise<Comment> {
  return dataOf(
    client.PATCH("/api/v1/comments/{comment_id}/", {
      params: { path: { comment_id: commentId }, header: { "X-As-User": asUser } },
      body: { text },
      signal: timeLimit(),
    }),
  );
}

export function deleteComment(asUser: number, commentId: string): Promise<void> {
  return done(
    client.DELETE("/api/v1/comments/{comment_id}/", {
      params: { path: { comment_id: commentId }, header: { "X-As-User": asUser } },
      signal: timeLimit(),
    }),
  );
}

export function setResolved(asUser: number, threadId: string, isResolved: boolean): Promise<Thread> {
  const request = {
    params: { path: { thread_id: threadId }, header: { "X-As-User": asUser } },
    signal: timeLimit(),
  };
  return dataOf(
    isResolved
      ? client.POST("/api/v1/threads/{thread_id}/resolve/", request)
      : client.POST("/api/v1/threads/{thread_id}/reopen/", request),
  );
}
