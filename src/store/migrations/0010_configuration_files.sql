-- The history of the configuration tells of more than one file.
ALTER TABLE configuration ADD COLUMN file TEXT;  -- as it is called there; NULL: the configuration file itself
