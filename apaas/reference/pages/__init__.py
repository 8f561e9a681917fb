"""The pages of the admin that show the API of one form: a tab for each call, with samples that work when pasted."""
