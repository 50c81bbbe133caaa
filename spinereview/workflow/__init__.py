"""One function a user's task; joins the rooms below it. No Qt."""
