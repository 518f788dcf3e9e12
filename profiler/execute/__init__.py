"""Making: one run recorded, analysed and rendered; a study of many; an investigation."""
