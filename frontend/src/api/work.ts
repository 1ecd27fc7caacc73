import { client, dataOf } from "./client";
import type { Assign, Assigned, Work, WorkDetail, WorkFigures } from "./types";

const ofProject = (projectId: number) => ({ params: { path: { project_id: projectId } } });
const ofImage = (imageId: number) => ({ params: { path: { image_id: imageId } } });

/** A project's images by status, in all and by whose they are. */
export function fetchWorkFigures(projectId: number): Promise<WorkFigures> {
  return dataOf(client.GET("/api/v1/projects/{project_id}/work/", ofProject(projectId)));
}

/** The image to label next, which nobody else is given; null where none is left. */
export async function takeNextImage(projectId: number): Promise<number | null> {
  const answer = await dataOf(client.POST("/api/v1/projects/{project_id}/work/next/", ofProject(projectId)));
  return answer.image_id;
}

/** The submitted image to review next; null where none waits. */
export async function takeNextReview(projectId: number): Promise<number | null> {
  const answer = await dataOf(
    client.POST("/api/v1/projects/{project_id}/work/next-review/", ofProject(projectId)),
  );
  return answer.image_id;
}

export function assignImages(projectId: number, body: Assign): Promise<Assigned> {
  return dataOf(client.POST("/api/v1/projects/{project_id}/work/assign/", { ...ofProject(projectId), body }));
}

/** The work on an image with what people did with it. */
export function fetchWork(imageId: number): Promise<WorkDetail> {
  return dataOf(client.GET("/api/v1/images/{image_id}/work/", ofImage(imageId)));
}

/** A sign of life of who works on the image or reviews it; tells how things stand. */
export function renewLease(imageId: number): Promise<Work> {
  return dataOf(client.POST("/api/v1/images/{image_id}/work/lease/", ofImage(imageId)));
}

export function submitImage(imageId: number): Promise<Work> {
  return dataOf(client.POST("/api/v1/images/{image_id}/work/submit/", ofImage(imageId)));
}

/** Takes back what was submitted and not yet reviewed. */
export function withdrawImage(imageId: number): Promise<Work> {
  return dataOf(client.POST("/api/v1/images/{image_id}/work/withdraw/", ofImage(imageId)));
}

export function skipImage(imageId: number, reason: string): Promise<Work> {
  return dataOf(
    client.POST("/api/v1/images/{image_id}/work/skip/", { ...ofImage(imageId), body: { reason } }),
  );
}

export function acceptImage(imageId: number): Promise<Work> {
  return dataOf(client.POST("/api/v1/images/{image_id}/work/accept/", ofImage(imageId)));
}

export function rejectImage(imageId: number, reason: string): Promise<Work> {
  return dataOf(
    client.POST("/api/v1/images/{image_id}/work/reject/", { ...ofImage(imageId), body: { reason } }),
  );
}
