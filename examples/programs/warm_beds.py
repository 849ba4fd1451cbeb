"""The mean of each bed, and a mail to the gardener if one has no readings."""

means = {}
silent = []
for bed in ["north", "south", "west"]:
    found = readings(bed)
    if found:
        means[bed] = round(sum(found) / len(found), 1)
    else:
        silent.append(bed)
if silent:
    send_mail("gardener@town.example", f"No readings from {' and '.join(silent)}")
warm = [bed for bed, mean in means.items() if mean > 20]
means
