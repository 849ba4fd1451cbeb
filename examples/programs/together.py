"""Ask for everything at once."""

import asyncio


async def books_of(member):
    found = await loans(member.name)
    return len(found)


people, sky = await asyncio.gather(members(), catalogue())
counts = await asyncio.gather(*[books_of(one) for one in people])
temperatures = await asyncio.gather(*[readings(bed) for bed in ("north", "east")], return_exceptions=True)
failed = [str(one) for one in temperatures if isinstance(one, Exception)]
answer({"books": sum(counts), "objects": len(sky), "failed": failed})
