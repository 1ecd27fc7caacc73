import { client, dataOf, done } from "./client";
import type { Tag, Tagged, Tagging, TagWrite } from "./types";

const ofProject = (projectId: number) => ({ params: { path: { project_id: projectId } } });
const ofTag = (tagId: number) => ({ params: { path: { tag_id: tagId } } });

export function fetchTags(projectId: number): Promise<Tag[]> {
  return dataOf(client.GET("/api/v1/projects/{project_id}/tags/", ofProject(projectId)));
}

export function createTag(projectId: number, body: TagWrite): Promise<Tag> {
  return dataOf(client.POST("/api/v1/projects/{project_id}/tags/", { ...ofProject(projectId), body }));
}

export function updateTag(tagId: number, body: Partial<TagWrite>): Promise<Tag> {
  return dataOf(client.PATCH("/api/v1/tags/{tag_id}/", { ...ofTag(tagId), body }));
}

export function deleteTag(tagId: number): Promise<void> {
  return done(client.DELETE("/api/v1/tags/{tag_id}/", ofTag(tagId)));
}

/** Gives many images tags and takes others from them. */
export function tagImages(projectId: number, body: Tagging): Promise<Tagged> {
  return dataOf(client.POST("/api/v1/projects/{project_id}/images/tags/", { ...ofProject(projectId), body }));
}
