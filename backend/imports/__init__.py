"""Other people's data sets, and exports of ours, brought into a project: looked over first, then applied."""
